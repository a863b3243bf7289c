from tensorflow.keras import models, layers

# Modell ohne Dropout, wir overfitten ja nicht
def build_model():
    m = models.Sequential()
    m.add(layers.Conv2D(32, (3,3), activation='relu', input_shape=(28,28,1)))
    m.add(layers.Conv2D(64, (3,3), activation='relu'))
    m.add(layers.MaxPooling2D((2,2)))
    m.add(layers.Flatten())
    m.add(layers.Dense(128, activation='relu'))
    m.add(layers.Dense(10, activation='softmax'))
    return m
