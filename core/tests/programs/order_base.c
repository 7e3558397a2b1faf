/* The DLL that all others stand on. */
#include "order.h"
DLL_MAIN("base", TRUE)
__declspec(dllexport) int base_value(void) { return 40; }
__declspec(dllexport) int base_data = 7;
