# -*- coding: utf-8 -*-
# 作业二：卷积网络。我写成了类
import keras
from keras.layers import Conv2D, Flatten, Dense

class 交通网络(object):
    def __init__(self):
        self.模型 = keras.Sequential([
            Conv2D(32, (3, 3), activation='relu', input_shape=(32, 32, 3)),
            Flatten(),
            Dense(128, activation='relu'),
            Dense(5, activation='softmax'),
        ])

网络 = 交通网络()
网络.模型.summary()
