"""Web and app: hits as vendors of analytics deliver them, cut into visits."""
