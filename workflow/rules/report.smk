# Everything that was found, as a page to read, and as figures in Snakemake's own report.


rule report:
    input:
        dataset=tree.DATASET,
        leaderboard=f"{tree.SUMMARY}.parquet",
        rows=plan.entry_inputs,
        curves=plan.curve_table,
        beyond=plan.beyond_tables,
        code=code("qm7bench.commands.report"),
        reference_values=package_file("leaderboard/reference_values.yaml"),
        templates=package_files("report/templates"),
    output:
        page=report(
            tree.REPORT,
            caption="../report/page.rst",
            category="The whole report",
        ),
        explorer=report(
            tree.EXPLORER,
            caption="../report/explorer.rst",
            category="The whole report",
        ),
        figures=report(
            directory(tree.FIGURES),
            patterns=["{figure}.svg"],
            caption="../report/figure.rst",
            category="Figures",
            labels={"figure": "{figure}"},
        ),
    log:
        tree.log("report"),
    conda:
        "../../envs/cpu.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=growing(10),
    params:
        models=tree.MODELS,
        curves=lambda w, input: f"--curves {input.curves}" if input.curves else "",
    shell:
        "python -m qm7bench report --dataset {input.dataset}"
        " --models {params.models} --leaderboard {input.leaderboard} {params.curves}"
        " --beyond {input.beyond}"
        " --output {output.page} --explorer {output.explorer}"
        " --figures {output.figures} > {log} 2>&1"


# The same of the entries in results/published, which need no training.
rule published_report:
    input:
        dataset=tree.DATASET,
        summary=tree.PUBLISHED.summary,
        code=code("qm7bench.commands.report"),
        reference_values=package_file("leaderboard/reference_values.yaml"),
        templates=package_files("report/templates"),
    output:
        page=tree.PUBLISHED_PAGES.report,
        explorer=tree.PUBLISHED_PAGES.explorer,
        figures=directory(tree.PUBLISHED_PAGES.figures),
    log:
        tree.log("published_report"),
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
