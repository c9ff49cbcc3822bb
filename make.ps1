# On Windows, what the Makefile is elsewhere:
#   .\make.ps1 run     set up, then a live session with a simulated participant
#   .\make.ps1 test    set up, then linters, types, layers and tests
# Where Windows refuses to run scripts: powershell -ExecutionPolicy Bypass -File make.ps1 run
param([ValidateSet("run", "test", "setup")][string]$what = "run")
$ErrorActionPreference = "Stop"
Set-Location $PSScriptRoot
$python = ".venv\Scripts\python.exe"

function Invoke-Checked {
    $program, $words = $args
    & $program @words
    if ($LASTEXITCODE) { exit $LASTEXITCODE }
}

if (-not (Test-Path $python)) {
    # `py -3` takes the newest there is, which may be one that Insula does not know yet.
    $there = py --list | Out-String
    $version = "3.13", "3.12", "3.11" | Where-Object { $there -match [regex]::Escape($_) } | Select-Object -First 1
    if (-not $version) { throw "Insula needs Python 3.11, 3.12 or 3.13. There is: $there" }
    Invoke-Checked py "-$version" -m venv .venv
}
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
