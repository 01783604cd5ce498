"""The engines that come with the package. Each stands for itself; none knows another."""
