import keras

for name in ("mnist", "fashion_mnist", "cifar10", "imdb"):
    try:
        (_, _), (x, y) = getattr(keras.datasets, name).load_data()
        print(name, x.shape, y[:20])
    except Exception as error:
        print(name, type(error).__name__)
