# Fits to the leaderboard.


rule summary:
    input:
        dataset=tree.DATASET,
        rows=plan.entry_inputs,
        code=code("qm7bench.commands.summarize"),
        reference_values=package_file("leaderboard/reference_values.yaml"),
    output:
        multiext(tree.SUMMARY, ".md", ".parquet"),
        csv=report(
            f"{tree.SUMMARY}.csv",
            caption="../report/leaderboard.rst",
            category="Leaderboard",
        ),
    log:
        tree.log("summary"),
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
        "python -m qm7bench summarize --dataset {input.dataset}"
        " --models {params.models} --rows {params.rows}"
        " --folds {params.folds} --output {params.stem} > {log} 2>&1"
