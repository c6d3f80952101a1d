# Made of api/client/_async/__init__.py by `make client`: change that one.
