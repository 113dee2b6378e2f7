"""The shell: the only room that touches the outside. Reads exports, runs the steps in order, hands the results off."""
