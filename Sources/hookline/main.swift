import Hookline

print("hookline")
