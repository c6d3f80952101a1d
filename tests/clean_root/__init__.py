"""The container's steps in a clean Debian root, where there is no container engine."""
