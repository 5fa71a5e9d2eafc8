# Fits to the leaderboard.


rule summary:
    input:
        dataset="results/{dataset}/dataset/metadata.json",
        rows=plan.row_files,
        code=code("qm7bench.commands.summarize"),
        reference_values=package_file("leaderboard/reference_values.yaml"),
    output:
        multiext("results/{dataset}/summary", ".md", ".parquet"),
        csv=report(
            "results/{dataset}/summary.csv",
            caption="../report/leaderboard.rst",
            category="Leaderboard",
        ),
    log:
        "results/{dataset}/logs/summary.log",
    conda:
        "../../envs/cpu.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=growing(10),
    params:
        rows=plan.rows(),
        folds=plan.folds(),
        stem=lambda w, output: output[0].removesuffix(".md"),
    shell:
        "python -m qm7bench summarize --dataset {input.dataset}"
        " --models results/{wildcards.dataset}/models --rows {params.rows}"
        " --folds {params.folds} --output {params.stem} > {log} 2>&1"
