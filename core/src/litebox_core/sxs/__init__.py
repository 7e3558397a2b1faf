"""Side by side: manifests, the assemblies they ask for, and the activation contexts made of them."""
