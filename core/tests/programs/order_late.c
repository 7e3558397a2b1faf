/* Loaded by LoadLibrary; imports order_low, which nobody else does, and order_base. */
#include "order.h"
DLL_MAIN("late", TRUE)
__declspec(dllimport) int low_value(void);
__declspec(dllimport) int base_value(void);
__declspec(dllexport) int late_value(void) { return low_value() + base_value(); }
