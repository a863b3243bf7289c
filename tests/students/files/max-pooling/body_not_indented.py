from keras.models import Sequential
from keras.layers import MaxPooling2D

def build_model():
model = Sequential()
model.add(MaxPooling2D(2, 2, input_shape=(100, 100, 15)))
return model
