#!/usr/bin/env python
# coding: utf-8

# In[1]:


# Trabalho 2 - redes neurais (aluno: J.)
from util import *
import keras, numpy as np
from keras import layers


# In[2]:


# ler os dados do professor
dados = np.load('/home/joao/dados/digitos.npz')
treino, rotulos = dados['x'], dados['y']


# In[3]:


def build_model():
    # primeira camada achata a imagem
    entrada = keras.Input(shape=(28, 28))
    h = layers.Flatten()(entrada)
    h = layers.Dense(128)(h)
    h = layers.ELU()(h)
    h = layers.Dropout(0.2)(h)
    saida = layers.Dense(10, activation='softmax')(h)
    return keras.Model(entrada, saida)


# In[4]:


get_ipython().run_line_magic('matplotlib', 'inline')
rede = build_model()
rede.compile('adam', 'sparse_categorical_crossentropy', metrics=['accuracy'])
hist = rede.fit(treino, rotulos, epochs=5)


# In[ ]:


# não funciona ainda
rede.predict(minha_imagem)
