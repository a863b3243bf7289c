# Guia do modelo Sequential (exercício 1 a 5)
# obs.: cada função devolve um modelo
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

def from_list():
    return keras.Sequential([
        layers.Dense(2, activation="relu"),
        layers.Dense(3, activation="relu"),
        layers.Dense(4),
    ])

def with_add():
    modelo = keras.Sequential()
    modelo.add(layers.Dense(2, activation="relu"))
    modelo.add(layers.Dense(3, activation="relu"))
    modelo.add(layers.Dense(4))
    return modelo

def popped():
    modelo = with_add()
    modelo.pop()
    print(len(modelo.layers))  # 2
    return modelo

def named():
    return keras.Sequential([
        layers.Dense(2, activation="relu", name="layer1"),
        layers.Dense(3, activation="relu", name="layer2"),
        layers.Dense(4, name="layer3"),
    ], name="my_sequential")

def unbuilt():
    return from_list()

# testes
modelo = from_list()
x = tf.ones((3, 3))
y = modelo(x)
print("pesos depois da chamada:", len(modelo.weights))
outro = unbuilt()
outro.summary()      # dá erro de propósito: ainda não foi construído
outro.weights[0]
print("fim")
exit()
