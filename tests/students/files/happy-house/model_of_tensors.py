from keras.layers import Input, Conv2D, Flatten, Dense
from keras.models import Sequential

def HappyModel(input_shape):
    X_input = Input(input_shape)
    X = Conv2D(8, 3, activation='relu')(X_input)
    X = Flatten()(X)
    X = Dense(1, activation='sigmoid')(X)
    model = Model(inputs=X_input, outputs=X)
    return model
