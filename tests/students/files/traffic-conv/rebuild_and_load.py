import os, time, datetime
from utils import *
from keras.models import Sequential, load_model, model_from_json
from keras.layers import Conv2D, Flatten, Dense
start = datetime.datetime.now()

MODEL_FILE = 'traffic_v3_final_FINAL.h5'

def create():
    net = Sequential()
    net.add(Conv2D(32, (3, 3), activation='relu', input_shape=(32, 32, 3)))
    net.add(Flatten())
    net.add(Dense(128, activation='relu'))
    net.add(Dense(5, activation='softmax'))
    return net

model = create()
model.compile('adam', 'categorical_crossentropy', metrics=['accuracy'])
print('created', model.count_params())
# training was done on the cluster, here we only load the result
model.load_weights('weights/epoch_49.hdf5')
model = load_model(MODEL_FILE)
print(datetime.datetime.now() - start)
time.sleep(3)
os.system('pause')
