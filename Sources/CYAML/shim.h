/* The door to libyaml: event parser with marks. */
#pragma once
#include <yaml.h>
