# The workflow itself is in workflow/; this file makes `snakemake` work from the repository's root.
include: "workflow/Snakefile"


localrules:
    all,


rule all:
    input:
        rules.benchmark.input,
