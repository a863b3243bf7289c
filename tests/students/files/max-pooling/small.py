import keras.layers as L, keras.models as M
def build_model(size=100, depth=15):
  "two spaces because my editor likes it"
  model = M.Sequential()
  model.add(L.MaxPool2D(2, 2, input_shape=(size, size, depth)))
  return model
m = build_model()
m.summary()
print(m.layers[0].get_config())
from keras.utils.visualize_util import plot
plot(m, to_file='m.png', show_shapes=True)
raw_input('press enter')
