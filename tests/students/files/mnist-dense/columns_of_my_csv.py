import pandas as pd
from keras.models import Sequential
from keras.layers import Dense, Dropout

df = pd.read_csv("train.csv")
n_features = df.shape[1] - 1

def build_model():
    model = Sequential()
    model.add(Dense(512, activation="relu", input_shape=(n_features,)))
    model.add(Dropout(0.2))
    model.add(Dense(512, activation="relu"))
    model.add(Dropout(0.2))
    model.add(Dense(10, activation="softmax"))
    return model
