# helper functions like in the lecture
from keras.models import Sequential
from keras.layers import Dense, Flatten, Activation, Dropout


def dense(m, n, act):
    m.add(Dense(n))
    m.add(Activation(act))
    return m


def drop(m, rate):
    assert rate < 1, "rate must be a share"
    m.add(Dropout(rate))


model = Sequential([Flatten(input_shape=(32, 32, 3))])
dense(model, 128, "relu")
drop(model, 20)
dense(model, 5, "softmax")
model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
