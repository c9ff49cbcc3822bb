"""Published data sets as studies that Insula reads: one module a data set, others' by entry point."""
