# On Windows, what the Makefile is elsewhere:
#   .\make.ps1 run     set up, then a live session with a simulated participant
#   .\make.ps1 test    set up, then linters, types, layers and tests
param([ValidateSet("run", "test", "setup")][string]$what = "run")
$ErrorActionPreference = "Stop"
Set-Location $PSScriptRoot
$python = ".venv\Scripts\python.exe"

function Invoke-Checked {
    $program, $words = $args
    & $program @words
    if ($LASTEXITCODE) { exit $LASTEXITCODE }
}

if (-not (Test-Path $python)) { Invoke-Checked py -3 -m venv .venv }
$extra = if ($what -eq "run") { "." } else { ".[dev]" }
Invoke-Checked $python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e $extra
if ($what -eq "run") { Invoke-Checked $python -m insula run --simulate }
if ($what -eq "test") {
    Invoke-Checked $python -m ruff check .
    Invoke-Checked $python -m ruff format --check .
    Invoke-Checked $python -m mypy
    Invoke-Checked .venv\Scripts\lint-imports.exe
    Invoke-Checked $python -m pytest -n 2 --dist loadfile
}
