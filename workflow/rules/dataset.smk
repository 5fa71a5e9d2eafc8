# Raw file to data set: molecules.parquet, charges.npy, positions.npy and their metadata.


rule dataset:
    input:
        code=code("qm7bench.commands.dataset"),
    output:
        tree.DATASET,
    log:
        tree.log("dataset"),
    conda:
        "../../envs/cpu.yaml"
    resources:
        mem_mb=needs.dataset_memory,
    params:
        source=plan.dataset_source,
        settings=plan.dataset_settings,
    shell:
        "python -m qm7bench dataset {params.source} --settings {params.settings:q}"
        " --output {output} > {log} 2>&1"
