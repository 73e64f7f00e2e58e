import pytest
from own_lab import running_lab


@pytest.fixture(scope="session")
def jupyterlab(tmp_path_factory):
    """One JupyterLab for every browser test of this folder: to start it is what takes long."""
    with running_lab(tmp_path_factory.mktemp("lab")) as lab:
        yield lab
