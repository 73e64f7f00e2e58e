"""The workbench: linked views in JupyterLab, each with a twin that returns its numbers without a widget."""
