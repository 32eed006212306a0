// Stands where MathJax would: the pages set no formulas, and Jupyter's MathJax is found on another host unless it is told of one here.
window.MathJax = { Hub: { Config() {}, Configured() {}, Queue() {}, Register: { StartupHook() {} } } };
