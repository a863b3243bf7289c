# dropout exercise + my callbacks (copied the idea from the forum, wrote it new)
import numpy as np
import keras
from keras import backend as K
from keras.callbacks import Callback, EarlyStopping, ModelCheckpoint, TensorBoard, LearningRateScheduler
from keras.layers import *
from keras.models import *
K.clear_session()

class Plot(Callback):
    def on_train_begin(self, logs={}):
        self.acc, self.loss = [], []
    def on_epoch_end(self, epoch, logs={}):
        self.acc.append(logs.get('acc'))
        self.loss.append(logs.get('val_loss'))
        print('%s | %d' % ('#' * int(40 * logs['accuracy']), epoch))

def step_decay(epoch):
    return 0.001 * (0.5 ** (epoch // 10))

def build_model():
    model = Sequential()
    model.add(Conv2D(32, (3, 3), input_shape=(32, 32, 3)))
    model.add(MaxPooling2D(pool_size=(2, 2)))
    model.add(Activation('relu'))
    model.add(Dropout(0.5))
    model.add(Flatten())
    model.add(Dense(128, activation='relu'))
    model.add(Dense(5, activation='softmax'))
    return model

x = np.random.rand(200, 32, 32, 3)
y = keras.utils.to_categorical(np.random.randint(0, 5, 200), 5)
model = build_model()
model.compile(optimizer='adam', loss='categorical_crossentropy', metrics=['accuracy'])
p = Plot()
h = model.fit(x, y, epochs=12, validation_split=.2, callbacks=[p, EarlyStopping('val_loss', patience=3),
    ModelCheckpoint('best.h5', save_best_only=True), TensorBoard('./logs'), LearningRateScheduler(step_decay)])
best = int(np.nanargmin(p.loss))
print('best epoch %d of %d: %.3f' % (best, len(p.loss), p.loss[best]))
assert h.history['acc'][-1] > .5
model = load_model('best.h5')
model.evaluate(x, y)
