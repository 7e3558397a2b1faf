/* Imports order_low and a DLL that is not there. */
#include "order.h"
DLL_MAIN("lost", TRUE)
__declspec(dllimport) int low_value(void);
__declspec(dllimport) int nowhere(void);
__declspec(dllexport) int lost_value(void) { return low_value() + nowhere(); }
