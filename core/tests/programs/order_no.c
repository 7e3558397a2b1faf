/* Refuses to be initialised. */
#include "order.h"
DLL_MAIN("no", FALSE)
__declspec(dllimport) int low_value(void);
__declspec(dllexport) int no_value(void) { return low_value(); }
