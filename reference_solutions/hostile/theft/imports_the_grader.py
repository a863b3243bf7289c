import importlib
import sys

sys.path += ["__PROJECT__", "__ASSIGNMENTS__/hostile-shape", "/app", "/srv"]
for name in ("grader", "grader.checks", "workers", "checks", "grader.db", "tests"):
    try:
        module = importlib.import_module(name)
        print(name, getattr(module, "__path__", None), getattr(module, "SECRET", None))
    except Exception as error:
        print(name, type(error).__name__)
