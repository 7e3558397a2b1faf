"""What VCRUNTIME140 and VCRUNTIME140_1, the compiler's part of the C run-time, share with UCRTBASE."""

SHARED = (
    "memchr", "memcmp", "memcpy", "memmove", "memset", "strchr", "strrchr", "strstr", "wcschr", "wcsrchr", "wcsstr",
    "__C_specific_handler", "__intrinsic_setjmp", "__intrinsic_setjmpex", "longjmp", "_CxxThrowException",
    "__AdjustPointer", "__CxxDetectRethrow", "__CxxExceptionFilter", "__CxxFrameHandler", "__CxxFrameHandler2",
    "__CxxFrameHandler3", "__CxxQueryExceptionSize", "__CxxRegisterExceptionObject", "__CxxUnregisterExceptionObject",
    "__DestructExceptionObject", "__RTCastToVoid", "__RTDynamicCast", "__RTtypeid", "__current_exception",
    "__current_exception_context", "__processing_throw", "__std_exception_copy", "__std_exception_destroy",
    "__std_terminate", "__std_type_info_compare", "__std_type_info_destroy_list", "__std_type_info_hash",
    "__std_type_info_name", "__uncaught_exception", "__uncaught_exceptions", "__unDName",
    "__unDNameEx", "_get_purecall_handler",
    "_get_unexpected", "_is_exception_typeof", "_purecall", "_set_purecall_handler", "_set_se_translator",
    "set_unexpected", "terminate", "unexpected",
)  # fmt: skip
"""Of the other rooms, what it exports."""
SHARED_1 = ("__CxxFrameHandler4",)
"""The same for VCRUNTIME140_1."""
