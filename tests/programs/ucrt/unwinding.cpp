// The same with LLVM's compiler, unwinder and library.
#include "../cpp/unwinding.cpp"
