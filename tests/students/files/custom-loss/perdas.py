# função de perda própria, trabalho da semana 6 (2 formas: função e classe)
import numpy as np
import pandas as pd
import tensorflow as tf
from tensorflow import keras

df = pd.read_csv('casas.csv')          # dados do kaggle
X = df.drop('preco', axis=1).values
y = df['preco'].values

def custom_mean_squared_error(y_true, y_pred):
    diferenca = y_true - y_pred
    return tf.reduce_mean(diferenca ** 2)

class CustomMSE(keras.losses.Loss):
    """MSE + fator * quão longe de 0.5"""
    def __init__(self, regularization_factor=0.1, name='perda'):
        super(CustomMSE, self).__init__(name=name)
        self.fator = regularization_factor
    def call(self, y_true, y_pred):
        return custom_mean_squared_error(y_true, y_pred) + self.fator * tf.reduce_mean((0.5 - y_pred) ** 2)

modelo = keras.Sequential([keras.layers.Dense(64, activation='relu'), keras.layers.Dense(1)])
modelo.compile('adam', loss=CustomMSE(0.2))
historia = modelo.fit(X, y, epochs=50)
print('menor perda: %.4f na época %d' % (min(historia.history['loss']), np.argmin(historia.history['loss'])))
