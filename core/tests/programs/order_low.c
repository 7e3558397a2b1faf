#include "order.h"
DLL_MAIN("low", TRUE)
__declspec(dllexport) int low_value(void) { return 2; }
