from keras.models import Sequential
from keras.layers import Dense, Dropout

def main():
    net = Sequential()
    net.add(Dense(16, input_dim=2, activation="tanh"))
    net.add(Dropout(0.3))
    net.add(Dense(8, activation="relu"))
    net.add(Dropout(0.3))
    net.add(Dense(2, activation="softmax"))
    net.compile("adam", "categorical_crossentropy")
    print(net.count_params())

if __name__ == "__main__":
    main()
