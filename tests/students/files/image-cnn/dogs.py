# CNN for small images, with augmentation. Last edit 23:50, please accept
from keras.preprocessing.image import ImageDataGenerator
from keras.layers.convolutional import Conv2D
from keras.layers.pooling import MaxPooling2D
from keras.layers.core import Flatten, Dense
from keras.models import Sequential, load_model
import glob, random, sys
random.seed(8675309)

n_classes = 10
paths = glob.glob('dogImages/train/*/*.jpg')
print('there are %d images' % len(paths))
first = paths[0]          # IndexError if you are in the wrong folder
names = [p.split('/')[2] for p in paths]

def conv(m, n, **kw):
    m.add(Conv2D(n, (2, 2), padding='same', activation='relu', **kw))
    m.add(MaxPooling2D((2, 2)))

model = Sequential()
conv(model, 16, input_shape=(32, 32, 3))
conv(model, 32)
conv(model, 64)
model.add(Flatten())
model.add(Dense(500, activation='relu'))
model.add(Dense(n_classes, activation='softmax'))

gen = ImageDataGenerator(horizontal_flip=True, rescale=1. / 255)
flow = gen.flow_from_directory('dogImages/train', target_size=(32, 32))
model.compile('rmsprop', 'categorical_crossentropy', ['accuracy'])
model.fit_generator(flow, steps_per_epoch=100, epochs=5)
model.save('dogs.h5')
model = load_model('dogs_best_ever.h5')
if len(sys.argv) < 2:
    sys.exit('usage: dogs.py IMAGE')
print(model.predict(sys.argv[1]))
