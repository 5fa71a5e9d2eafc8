# Everything that was found, as a page to read, and as figures in Snakemake's own report.


rule report:
    input:
        dataset="results/{dataset}/dataset/metadata.json",
        rows=plan.row_files,
        curves=plan.curve_table,
        code=code("qm7bench.commands.report"),
        reference_values=package_file("leaderboard/reference_values.yaml"),
        templates=package_files("report/templates"),
    output:
        page=report(
            "results/{dataset}/report.html",
            caption="../report/page.rst",
            category="The whole report",
        ),
        explorer=report(
            "results/{dataset}/explore.html",
            caption="../report/explorer.rst",
            category="The whole report",
        ),
        figures=report(
            directory("results/{dataset}/figures"),
            patterns=["{figure}.svg"],
            caption="../report/figure.rst",
            category="Figures",
            labels={"figure": "{figure}"},
        ),
    log:
        "results/{dataset}/logs/report.log",
    conda:
        "../../envs/cpu.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=growing(10),
    params:
        rows=plan.rows(),
        folds=plan.folds(),
        curves=lambda w, input: f"--curves {input.curves}" if input.curves else "",
    shell:
        "python -m qm7bench report --dataset {input.dataset}"
        " --models results/{wildcards.dataset}/models --rows {params.rows}"
        " --folds {params.folds} {params.curves} --output {output.page} --explorer {output.explorer}"
        " --figures {output.figures} > {log} 2>&1"


# The same of the rows in results/published, which need no training.
rule published_report:
    input:
        dataset="results/{dataset}/dataset/metadata.json",
        summary="results/published/{dataset}/summary.csv",
        code=code("qm7bench.commands.report"),
        reference_values=package_file("leaderboard/reference_values.yaml"),
        templates=package_files("report/templates"),
    output:
        page="results/{dataset}/published/report.html",
        explorer="results/{dataset}/published/explore.html",
        figures=directory("results/{dataset}/published/figures"),
    log:
        "results/{dataset}/logs/published_report.log",
    conda:
        "../../envs/cpu.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=growing(10),
    params:
        published=subpath(input.summary, parent=True),
    shell:
        "python -m qm7bench report --dataset {input.dataset} --published {params.published}"
        " --output {output.page} --explorer {output.explorer}"
        " --figures {output.figures} > {log} 2>&1"
