import numpy as np

kept = [np.ones(10_000_000) for _ in range(25)]
