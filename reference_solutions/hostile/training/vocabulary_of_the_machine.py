import keras


def build_model():
    return keras.Sequential([keras.layers.Input((2,), dtype="string"), keras.layers.StringLookup(vocabulary="/etc/passwd")])
