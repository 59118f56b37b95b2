"""How long the sketcher takes for 50 boxes, from words to checked elements, and the layout for 300 with arrows."""

import random
import time

from benchmarks.figures import Figure, Options, quantile

ROUNDS = 1


def measure(options: Options) -> list[Figure]:
    # Modules that need settings can be imported only when Django is set up.
    from ai_jobs.planning.drawing import arrange  # noqa: PLC0415
    from ai_jobs.planning.plan import Plan  # noqa: PLC0415
    from ai_jobs.tests.corpus_report import drawn  # noqa: PLC0415
    from canvases.elements.quality import find_problems  # noqa: PLC0415

    rounds = 10 if options.quick else 60
    sketched = []
    for number in range(rounds):
        # Fresh words each time: the widths of texts are remembered.
        words = " -> ".join(f"Step {number} of {part}" for part in range(50))
        begun = time.perf_counter()
        elements = drawn(words)
        problems = find_problems(elements)
        sketched.append((time.perf_counter() - begun) * 1000)
        if problems or len(elements) != 50 * 2 + 49:
            raise AssertionError(f"{len(elements)} elements, {problems}")
    figures = [Figure("sketcher, 50 boxes, all included, p95", "ms", quantile(sketched, 95), at_most=50)]
    for arrows in (299, 400, 600):
        placed = []
        for number in range(max(3, rounds // 6)):
            nodes = [{"key": f"n{part}", "label": f"Box {number} {part}"} for part in range(300)]
            edges = [{"from": f"n{(part * 7 + number) % part}", "to": f"n{part}"} for part in range(1, 300)]
            # A tree, and arrows from anywhere to anywhere, forth and back.
            ends = random.Random(number)
            while len(edges) < arrows:
                source, target = ends.sample(range(300), 2)
                edges.append({"from": f"n{source}", "to": f"n{target}"})
            plan = Plan.model_validate({"nodes": nodes, "edges": edges})
            begun = time.perf_counter()
            arrange(plan, style="modern", color_scheme="default")
            placed.append((time.perf_counter() - begun) * 1000)
        name = f"layout of 300 boxes and {arrows} arrows, p95"
        # Twice as many arrows as boxes, the most that a plan holds, are told beyond the target.
        at_most = None if arrows == 600 else 300
        figures.append(Figure(name, "ms", quantile(placed, 95), at_most=at_most))
    return figures
