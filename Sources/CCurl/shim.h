/* The door to libcurl: its variadic calls as typed inline functions. */
#pragma once
#include <curl/curl.h>
