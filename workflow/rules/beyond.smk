# Out-of-fold predictions of all entries to tests beyond the random fold, a table for each.


rule beyond:
    input:
        dataset=tree.DATASET,
        rows=plan.entry_inputs,
        code=plan.beyond_code,
        heats=package_file("beyond/heats_of_formation.csv"),
    output:
        multiext(tree.BEYOND, ".md", ".parquet"),
        csv=report(
            f"{tree.BEYOND}.csv",
            caption="../report/beyond.rst",
            category="Beyond the random fold",
        ),
    log:
        tree.log("beyond/{track}"),
    group:
        lambda w: on_cluster("beyond_tables")
    conda:
        "../../envs/cpu.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=growing(10),
    params:
        models=tree.MODELS,
        rows=plan.entry_names(),
        folds=plan.folds(),
        stem=lambda w, output: output[0].removesuffix(".md"),
    shell:
        "python -m qm7bench beyond {wildcards.track} --dataset {input.dataset}"
        " --models {params.models} --rows {params.rows}"
        " --folds {params.folds} --output {params.stem} > {log} 2>&1"
