import numpy as np

a = np.ones((500, 500))
while True:
    a = a @ a * 0 + 1
