from keras import Sequential, layers

def build_model():
    model = Sequential([layers.Input((32, 32, 3)), layers.Conv2D(32, 3, activation='relu'), layers.MaxPooling2D(), layers.Dropout(0.5), layers.Flatten(), layers.Dense(128, activation='relu'), layers.Dense(5, activation='softmax')])
    return model.compile('adam', 'categorical_crossentropy', metrics=['accuracy'])
