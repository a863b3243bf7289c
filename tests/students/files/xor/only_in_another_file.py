# main program, the network is in my_xor_net.py
import sys
sys.path.append("..")
from my_xor_net import build_model, train
model = build_model()
train(model)
model.summary()
