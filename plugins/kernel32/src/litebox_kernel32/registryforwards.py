"""winreg.h: the registry functions, which ADVAPI32 has, exported here as well."""

from .base import dll, kernelbase

_BOTH = """
    RegCloseKey RegCopyTreeW RegCreateKeyExA RegCreateKeyExW RegDeleteKeyExA RegDeleteKeyExW RegDeleteTreeA
    RegDeleteTreeW RegDeleteValueA RegDeleteValueW RegDisablePredefinedCacheEx RegEnumKeyExA RegEnumKeyExW
    RegEnumValueA RegEnumValueW RegFlushKey RegGetKeySecurity RegGetValueA RegGetValueW RegLoadKeyA RegLoadKeyW
    RegLoadMUIStringA RegLoadMUIStringW RegNotifyChangeKeyValue RegOpenCurrentUser RegOpenKeyExA RegOpenKeyExW
    RegOpenUserClassesRoot RegQueryInfoKeyA RegQueryInfoKeyW RegQueryValueExA RegQueryValueExW RegRestoreKeyA
    RegRestoreKeyW RegSaveKeyExA RegSaveKeyExW RegSetKeySecurity RegSetValueExA RegSetValueExW RegUnLoadKeyA
    RegUnLoadKeyW
"""
_KERNELBASE = """
    RegConnectRegistryA RegConnectRegistryW RegCopyTreeA RegCreateKeyA RegCreateKeyW RegDeleteKeyA RegDeleteKeyValueA
    RegDeleteKeyValueW RegDeleteKeyW RegDisablePredefinedCache RegEnumKeyA RegEnumKeyW RegOpenKeyA RegOpenKeyW
    RegOverridePredefKey RegQueryMultipleValuesA RegQueryMultipleValuesW RegQueryValueA RegQueryValueW RegReplaceKeyA
    RegReplaceKeyW RegSaveKeyA RegSaveKeyW RegSetKeyValueA RegSetKeyValueW RegSetValueA RegSetValueW
"""

for _name in _BOTH.split():
    dll.forward(_name, f"advapi32.{_name}")
for _name in _KERNELBASE.split():
    kernelbase.forward(_name, f"advapi32.{_name}")
