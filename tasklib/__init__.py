"""What the invoke tasks call: engines, checks and operations of a project with stream tables."""
