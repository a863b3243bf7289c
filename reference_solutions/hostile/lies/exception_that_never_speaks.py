class Silent(Exception):
    def __str__(self):
        while True:
            pass

    @property
    def __cause__(self):
        raise self


raise Silent
