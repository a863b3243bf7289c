import keras
from keras import layers
def from_list():
    return keras.Sequential([layers.Dense(2, activation="relu"), layers.Dense(3, activation="relu"), layers.Dense(4)])
def with_add():
    m = keras.Sequential()
    m.add(layers.Dense(2, activation="relu"))
    m.add(layers.Dense(3, activation="relu"))
    m.add(layers.Dense(4))
    return m
def popped():
    m = with_add(); m.pop(); return m
def named():
    m = keras.Sequential(name="my_sequential")
    for i, (n, a) in enumerate([(2, "relu"), (3, "relu"), (4, None)], 1):
        m.add(layers.Dense(n, activation=a, name=f"layer{i}"))
    return m
def unbuilt():
    m = from_list()
    m.build((None, 4))     # so that summary() works
    return m
unbuilt().summary()
