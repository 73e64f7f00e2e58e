"""What every picture is made of: colours, labels as text, and a picture that is drawn when it is asked for."""

from cxmining.figures import palette
from cxmining.figures.labels import shown, wrapped
from cxmining.figures.picture import Picture

__all__ = ["Picture", "palette", "shown", "wrapped"]
